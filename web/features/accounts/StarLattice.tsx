import { useId } from 'react';
import classes from './StarLattice.module.css';

const size = 96;

/** Two squares laid over each other: the eight-pointed star whose neighbours touch and leave crosses between them. */
function star(radius: number, centre = size / 2): string {
  const outer = radius;
  const side = radius * Math.SQRT1_2;
  const inner = radius - side;
  const points = Array.from({ length: 8 }, (_, index) => {
    const angle = (index * Math.PI) / 4;
    const [x, y] = [Math.cos(angle) * outer, Math.sin(angle) * outer];
    // The notch between this point and the next one.
    const notch = Math.hypot(side, inner);
    const middle = angle + Math.PI / 8;
    return [x, y, Math.cos(middle) * notch, Math.sin(middle) * notch].map((each) => (each + centre).toFixed(3));
  });
  return points.map(([x, y, a, b]) => `${x},${y} ${a},${b}`).join(' ');
}

/** The drawn ground of the pages before sign-in. Decoration only. */
export function StarLattice() {
  const id = useId();
  return (
    <svg className={classes.lattice} aria-hidden focusable="false">
      <defs>
        <pattern id={id} width={size} height={size} patternUnits="userSpaceOnUse" x="50%" y="50%">
          <polygon points={star(size / 2)} className={classes.line} />
          <polygon points={star(size / 3.1)} className={classes.faint} />
          <circle cx={size / 2} cy={size / 2} r={size / 13} className={classes.faint} />
        </pattern>
      </defs>
      <rect width="100%" height="100%" fill={`url(#${id})`} />
    </svg>
  );
}
