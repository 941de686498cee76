import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';

/** The way out of a site that got no WordPress: its deletion, which asks what becomes of each part. */
export function RemoveUnfinished({ siteId }: { readonly siteId: string }) {
  const { t } = useTranslation();
  const mayDelete = useCan()('sites.delete');
  return (
    <WhyNot reason={!mayDelete}>
      <Button
        size="xs"
        variant="default"
        disabled={!mayDelete}
        leftSection={<IconTrash size={15} aria-hidden />}
        renderRoot={(props) => <Link {...props} to="/sites/$siteId/delete" params={{ siteId }} />}
      >
        {t('wordpress.unfinished.remove')}
      </Button>
    </WhyNot>
  );
}
