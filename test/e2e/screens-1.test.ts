import { lookAtScreens } from './screens.ts';

lookAtScreens('first');
