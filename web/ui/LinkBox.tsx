import { Button } from '@mantine/core';
import { useClipboard } from '@mantine/hooks';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useId, type ReactNode } from 'react';
import classes from './LinkBox.module.css';
import { Token } from './Token.tsx';

type LinkBoxProps = {
  readonly label: string;
  readonly url: string;
  /** What the button says, and what it says once the link is copied. */
  readonly copy: readonly [before: string, after: string];
  readonly testId: string;
  /** How long it holds, and what else is to be known. */
  readonly children: ReactNode;
};

/** A secret link, shown this once. */
export function LinkBox({ label, url, copy: [before, after], testId, children }: LinkBoxProps) {
  const id = useId();
  const clipboard = useClipboard({ timeout: 2_500 });
  return (
    <div className={classes.box} role="group" aria-labelledby={id}>
      <div id={id} className={classes.label}>
        {label}
      </div>
      <div className={classes.url} data-testid={testId}>
        <Token mono>{url}</Token>
      </div>
      <Button
        fullWidth
        leftSection={clipboard.copied ? <IconCheck size={17} aria-hidden /> : <IconCopy size={17} aria-hidden />}
        onClick={() => clipboard.copy(url)}
      >
        {clipboard.copied ? after : before}
      </Button>
      {children}
    </div>
  );
}
