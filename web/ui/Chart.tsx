import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useComputedColorScheme, useDirection } from '@mantine/core';
import { useReducedMotion } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import classes from './Chart.module.css';
import { chartOptions, type ChartProps, type Value } from './chart-options.ts';

/** New values are drawn at most this often; with reduced motion the picture moves less. */
const calmMs = 950;
const reducedMs = 5_000;

/** Lines over time. Time runs from left to right in every language; the axis stands where reading begins. */
export function Chart(props: ChartProps) {
  const { times, series, height = 240, label, format, formatTime, note } = props;
  const { dir } = useDirection();
  // Also when the device changes it.
  const colorScheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const isCalm = useReducedMotion();
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const look = useRef<ChartProps>(props);
  const drawnAt = useRef(0);
  const [pointed, setPointed] = useState<number | null>(null);
  const colors = series.map(({ color }) => color).join();

  useEffect(() => {
    look.current = props;
  });

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const options = chartOptions(look, {
      width: element.clientWidth,
      height,
      axisSide: dir === 'rtl' ? 1 : 3,
      colors: colors.split(','),
      onPoint: setPointed,
    });
    const chart = new uPlot(options, dataOf(look.current), element);
    plot.current = chart;
    drawnAt.current = performance.now();
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) chart.setSize({ width: element.clientWidth, height });
    });
    observer.observe(element);
    // Text on the canvas is drawn with what is loaded: once more when the page's own font is there.
    void document.fonts.ready.then(() => plot.current?.redraw(false, true));
    return () => {
      observer.disconnect();
      chart.destroy();
      plot.current = undefined;
    };
  }, [colors, dir, height]);

  // Colours are read while drawing.
  useEffect(() => plot.current?.redraw(false, true), [colorScheme]);

  useEffect(() => {
    const draw = (): void => {
      drawnAt.current = performance.now();
      plot.current?.setData(dataOf({ times, series }), true);
    };
    const wait = drawnAt.current + (isCalm ? reducedMs : calmMs) - performance.now();
    if (wait <= 0) {
      draw();
      return;
    }
    const timer = setTimeout(draw, wait);
    return () => clearTimeout(timer);
  }, [times, series, isCalm]);

  const index = pointed === null || pointed >= times.length ? times.length - 1 : pointed;
  const time = times[index];
  return (
    <div className={classes.chart}>
      <div className={classes.legend}>
        {series.map(({ name, color, values }) => {
          const value = values[index];
          return (
            <span key={name} className={classes.key}>
              <span className={classes.swatch} style={{ background: `var(${color})` }} aria-hidden />
              {name}
              <span className={classes.value}>{typeof value === 'number' ? format(value) : '—'}</span>
            </span>
          );
        })}
        <span className={classes.note}>{pointed === null || time === undefined ? note : formatTime(time)}</span>
      </div>
      <div ref={place} dir="ltr" className={classes.place} style={{ height }} role="img" aria-label={label} />
    </div>
  );
}

function dataOf({ times, series }: Pick<ChartProps, 'times' | 'series'>): uPlot.AlignedData {
  return [times as number[], ...series.map(({ values }) => values as Value[])];
}
