import { useEffect, useState } from 'react';
import classes from './Totp.module.css';

/** A QR code, drawn here: the secret in it goes to no other place. Always dark on light, which cameras need. */
export function QrCode({ text, label }: { readonly text: string; readonly label: string }) {
  const [code, setCode] = useState<{ readonly size: number; readonly path: string } | null>(null);
  useEffect(() => {
    let isWanted = true;
    void import('uqr').then(({ encode }) => {
      // Four empty modules around it, as ISO/IEC 18004 asks for.
      const { size, data } = encode(text, { ecc: 'M', border: 4 });
      if (isWanted) setCode({ size, path: pathOf(data) });
    });
    return () => {
      isWanted = false;
    };
  }, [text]);
  if (code === null) return <div className={classes.qr} aria-busy="true" />;
  return (
    <svg
      className={classes.qr}
      viewBox={`0 0 ${code.size} ${code.size}`}
      role="img"
      aria-label={label}
      shapeRendering="crispEdges"
    >
      <path d={code.path} />
    </svg>
  );
}

/** One rectangle for each run of dark modules. */
export function pathOf(rows: readonly (readonly boolean[])[]): string {
  const parts: string[] = [];
  for (const [y, row] of rows.entries()) {
    for (let x = 0; x < row.length; x++) {
      if (row[x] !== true) continue;
      let width = 1;
      while (row[x + width] === true) width += 1;
      parts.push(`M${x} ${y}h${width}v1h-${width}z`);
      x += width;
    }
  }
  return parts.join('');
}
