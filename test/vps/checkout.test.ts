import { describeCheckout } from './checkout.ts';

describeCheckout('bookworm');
