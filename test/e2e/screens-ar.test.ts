import { lookAtScreens } from './screens.ts';

lookAtScreens('ar');
