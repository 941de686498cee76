import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './MetricDetail.module.css';

type RatesProps = {
  readonly title: string;
  readonly none: string;
  readonly into: string;
  readonly out: string;
  readonly rows: readonly { readonly name: string; readonly into: number; readonly out: number }[];
};

/** What goes in and out of each interface or disk. */
export function RatesDetail({ title, none, into, out, rows }: RatesProps) {
  const format = useFormat();
  if (rows.length === 0) {
    return (
      <>
        <h3 className={classes.title}>{title}</h3>
        <p className={classes.none}>{none}</p>
      </>
    );
  }
  return (
    <table className={classes.rates}>
      <thead>
        <tr>
          <th scope="col">{title}</th>
          <th scope="col">{into}</th>
          <th scope="col">{out}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.name}>
            <td>
              <Token>{row.name}</Token>
            </td>
            <td>{format.bytesPerSecond(row.into)}</td>
            <td>{format.bytesPerSecond(row.out)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
