import { Anchor } from '@mantine/core';
import { IconChevronRight } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import classes from './MoreLink.module.css';

/** From a short list to the whole one. */
export function MoreLink({
  to,
  children,
}: {
  readonly to: '/sites' | '/history' | '/jobs';
  readonly children: string;
}) {
  return (
    <Anchor component={Link} to={to} className={classes.more} underline="never">
      {children}
      <IconChevronRight size={15} className="mirrored" aria-hidden />
    </Anchor>
  );
}
