import { lookAtScreens } from './screens.ts';

lookAtScreens('en');
