import type uPlot from 'uplot';

export type Value = number | null;

export type ChartSeries = {
  readonly name: string;
  /** A CSS variable with a colour in `#rrggbb`. */
  readonly color: string;
  readonly values: readonly Value[];
};

export type ChartProps = {
  /** Seconds since 1970, one per value. */
  readonly times: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Seconds shown, up to the newest time. */
  readonly windowSeconds: number;
  /** Seconds between two values: the axis of time names nothing finer. */
  readonly stepSeconds?: number;
  /** Highest value of the axis; from the values when it is not given. */
  readonly most?: number;
  /** The axis never ends below this: a quiet line is not blown up to a mountain. */
  readonly leastMost?: number;
  readonly format: (value: number) => string;
  /** Text under the axis for so many seconds before the newest time. */
  readonly formatAge: (seconds: number) => string;
  readonly formatTime: (seconds: number) => string;
  /** Beside the legend, such as the length of time shown. */
  readonly note: string;
  /** What a screen reader says in place of the picture. */
  readonly label: string;
  readonly height?: number;
};

type Given = {
  readonly width: number;
  readonly height: number;
  /** 1: right, 3: left. */
  readonly axisSide: 1 | 3;
  /** CSS variables, one per series. */
  readonly colors: readonly string[];
  readonly onPoint: (index: number | null) => void;
};

const font = "11px 'IBM Plex Sans Arabic', system-ui, sans-serif";

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Canvas text has no direction of its own: a size in Arabic is put into a right-to-left isolate. */
function isolated(text: string): string {
  return /\p{Script=Arabic}/u.test(text) ? `\u2067${text}\u2069` : text;
}

/** Ends at a round number a little above the highest value. */
export function roundTop(peak: number, least: number): number {
  const wanted = Math.max(peak, least, Number.MIN_VALUE);
  // Sizes are read in powers of 1024: 512, 1024, 2048 … are the round ones.
  let top = least > 0 ? least : 1;
  while (top < wanted) top *= 2;
  return top;
}

const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [1, 5, 10, 30, minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute]
  .concat([1, 2, 3, 4, 6, 12].map((hours) => hours * hour))
  .concat([1, 2, 5, 7, 14, 30].map((days) => days * day));

/** Ages in seconds that the axis of time names: round ones, at most five, the oldest first; none at the very edge. */
export function roundAges(windowSeconds: number, leastStep = 1): number[] {
  const step =
    steps.find((each) => each >= leastStep && windowSeconds / each <= 5) ?? Math.ceil(windowSeconds / 5 / day) * day;
  const count = Math.ceil(windowSeconds / step - 0.1);
  return Array.from({ length: Math.max(1, count) }, (_, index) => (Math.max(1, count) - 1 - index) * step);
}

/** How it is drawn; texts and values come from `look` at each drawing. */
export function chartOptions(look: { readonly current: ChartProps }, given: Given): uPlot.Options {
  const { width, height, axisSide, colors, onPoint } = given;
  const line = { stroke: () => colorOf('--app-line-soft'), width: 1 };
  return {
    width,
    height,
    padding: axisSide === 1 ? [8, 0, 0, 18] : [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { size: 7 },
    },
    scales: {
      x: {
        time: false,
        range: () => {
          const { times, windowSeconds } = look.current;
          const end = times.at(-1) ?? 0;
          return [end - windowSeconds, end];
        },
      },
      y: {
        range: (_chart, _from, to) => {
          const { most, leastMost = 0 } = look.current;
          return [0, most ?? roundTop(Number.isFinite(to) ? to : 0, leastMost)];
        },
      },
    },
    axes: [
      {
        font,
        size: 30,
        gap: 6,
        stroke: () => colorOf('--app-text-soft'),
        grid: { show: false },
        ticks: { show: false },
        // Fixed places: the picture slides, the words stand still.
        splits: () => {
          const { times, windowSeconds, stepSeconds } = look.current;
          const end = times.at(-1) ?? 0;
          return roundAges(windowSeconds, stepSeconds).map((age) => end - age);
        },
        values: (_chart, splits) => {
          const end = look.current.times.at(-1) ?? 0;
          return splits.map((split) => isolated(look.current.formatAge(Math.round(end - split))));
        },
      },
      {
        font,
        side: axisSide,
        size: (_chart, values) => 16 + Math.max(0, ...(values ?? []).map((text) => text.length * 6.4)),
        gap: 8,
        stroke: () => colorOf('--app-text-soft'),
        grid: line,
        ticks: { show: false },
        splits: (_chart, _axis, _from, to) => [0, to / 2, to],
        values: (_chart, splits) => splits.map((split) => isolated(look.current.format(split))),
      },
    ],
    series: [
      {},
      ...colors.map(
        (color): uPlot.Series => ({
          stroke: () => colorOf(color),
          fill: () => `${colorOf(color)}1f`,
          width: 1.6,
          points: { show: false },
          spanGaps: false,
        }),
      ),
    ],
    hooks: {
      setCursor: [(chart) => onPoint(chart.cursor.idx ?? null)],
    },
  };
}
