import { Box, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './Section.module.css';

type SectionProps = {
  readonly title?: string;
  readonly description?: ReactNode;
  readonly actions?: ReactNode;
  /** `flush` for tables and logs that reach the edge. */
  readonly padding?: 'normal' | 'flush';
  readonly children: ReactNode;
};

/** A raised surface with an optional heading. */
export function Section({ title, description, actions, padding = 'normal', children }: SectionProps) {
  return (
    <Box component="section" className={classes.section}>
      {(title !== undefined || actions !== undefined) && (
        <Group justify="space-between" wrap="nowrap" className={classes.header}>
          <Box miw={0}>
            {title !== undefined && <Title order={2}>{title}</Title>}
            {description !== undefined && (
              <Text size="sm" c="dimmed" mt={2} component="div">
                {description}
              </Text>
            )}
          </Box>
          {actions !== undefined && (
            <Group gap="xs" wrap="nowrap">
              {actions}
            </Group>
          )}
        </Group>
      )}
      <Box className={classes.body} data-padding={padding}>
        {children}
      </Box>
    </Box>
  );
}
