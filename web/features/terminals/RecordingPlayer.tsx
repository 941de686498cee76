import { ActionIcon, Group, Select, Slider } from '@mantine/core';
import { IconPlayerPause, IconPlayerPlay } from '@tabler/icons-react';
import { Terminal as Xterm } from '@xterm/xterm';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import type { Cast } from './asciicast.ts';
import { joinedRuns } from './joined-runs.ts';
import { terminalThemes } from './terminal-look.ts';
import classes from './Terminals.module.css';

const speeds = [1, 2, 4, 8, 16] as const;
const stepMs = 50;

/** Shows what a terminal showed, at its own speed or faster, from any place on. */
export function RecordingPlayer({ cast, theme }: { readonly cast: Cast; readonly theme: 'dark' | 'light' }) {
  const { t } = useTranslation();
  const format = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const screen = useRef<{ readonly show: (seconds: number) => void }>(null);
  const [seconds, setSeconds] = useState(0);
  const [isPlaying, setIsPlaying] = useState(true);
  const [speed, setSpeed] = useState<number>(1);
  const isOver = seconds >= cast.seconds;
  const isFull = cast.events.at(-1)?.kind === 'full';

  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const xterm = new Xterm({
      cols: cast.cols,
      rows: cast.rows,
      fontSize: 12,
      theme: terminalThemes[theme],
      disableStdin: true,
      scrollback: 1_000,
      minimumContrastRatio: 4.5,
      allowProposedApi: true,
    });
    xterm.open(element);
    xterm.registerCharacterJoiner(joinedRuns);
    xterm.textarea?.setAttribute('tabindex', '-1');
    let next = 0;
    screen.current = {
      show(wanted) {
        if ((cast.events[next - 1]?.at ?? 0) > wanted) {
          next = 0;
          xterm.reset();
          xterm.resize(cast.cols, cast.rows);
        }
        for (let event = cast.events[next]; event !== undefined && event.at <= wanted; event = cast.events[next]) {
          next += 1;
          if (event.kind === 'output') xterm.write(event.text);
          else if (event.kind === 'resize') xterm.resize(event.cols, event.rows);
        }
      },
    };
    return () => {
      screen.current = null;
      xterm.dispose();
    };
  }, [cast, theme]);

  useEffect(() => screen.current?.show(seconds), [seconds, cast, theme]);

  useEffect(() => {
    if (!isPlaying || isOver) return;
    const timer = setInterval(
      () => setSeconds((before) => Math.min(cast.seconds, before + (stepMs / 1_000) * speed)),
      stepMs,
    );
    return () => clearInterval(timer);
  }, [isPlaying, isOver, speed, cast]);

  const toggle = (): void => {
    if (isOver) setSeconds(0);
    setIsPlaying(isOver || !isPlaying);
  };
  const runs = isPlaying && !isOver;
  return (
    <div className={classes.player}>
      <div className={classes.playerScreen} dir="ltr" role="img" aria-label={t('terminals.recordings.screen')}>
        <div ref={place} />
      </div>
      <Group gap="sm" wrap="nowrap">
        <ActionIcon
          size="lg"
          variant="default"
          aria-label={t(runs ? 'terminals.recordings.pause' : 'terminals.recordings.play')}
          onClick={toggle}
        >
          {runs ? <IconPlayerPause size={18} /> : <IconPlayerPlay size={18} />}
        </ActionIcon>
        <Slider
          className={classes.playerPlace}
          min={0}
          max={Math.max(cast.seconds, 0.1)}
          step={0.1}
          value={seconds}
          label={null}
          thumbLabel={t('terminals.recordings.position')}
          onChange={setSeconds}
        />
        <bdi dir="ltr" className={classes.playerTime}>
          {clock(seconds)} / {clock(cast.seconds)}
        </bdi>
        <Select
          w={84}
          aria-label={t('terminals.recordings.speed')}
          allowDeselect={false}
          data={speeds.map((each) => ({ value: String(each), label: `${format.number(each)}×` }))}
          value={String(speed)}
          onChange={(value) => setSpeed(Number(value))}
        />
      </Group>
      {isFull && isOver && <Notice tone="warn">{t('terminals.recordings.full')}</Notice>}
    </div>
  );
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
