import { useId } from 'react';

/** The mark of the product, as in `favicon.svg`: drawn in the page, an image file of its own costs 40 ms of the first paint. */
export function Logo({ size = 28 }: { readonly size?: number }) {
  const gradient = useId();
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <linearGradient id={gradient} x1="0" y1="0" x2="1" y2="1">
        <stop stopColor="#14b8a6" />
        <stop offset="1" stopColor="#0f5f66" />
      </linearGradient>
      <rect width="32" height="32" rx="9" fill={`url(#${gradient})`} />
      <path
        d="M8 22.5 14.6 9.2a1.6 1.6 0 0 1 2.8 0L24 22.5"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="20.6" r="2.1" fill="#fff" />
    </svg>
  );
}
