import { Box, Group } from '@mantine/core';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './CommandLine.module.css';

/** One command to run on the server, ready to copy. */
export function CommandLine({ children }: { readonly children: string }) {
  return (
    <Group className={classes.line} justify="space-between" wrap="nowrap" gap="xs" dir="ltr">
      <Box className={classes.text}>
        <span className={classes.prompt} aria-hidden>
          #
        </span>
        <Token mono>{children}</Token>
      </Box>
      <CopyButton value={children} />
    </Group>
  );
}
