import { expect, it } from 'vitest';
import { latinDigits } from './latin-digits.ts';

it('digits of Arabic and Persian keyboards become Latin ones, all else stays', () => {
  expect(latinDigits('٠١٢٣٤٥٦٧٨٩ ۰۱۲۳۴۵۶۷۸۹ 0-9 أ')).toBe('0123456789 0123456789 0-9 أ');
});
