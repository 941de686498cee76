import { lookAtScreens } from './screens.ts';

lookAtScreens('second');
