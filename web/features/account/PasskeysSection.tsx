import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { maxPasskeys } from '#shared/factors.ts';
import { knowsPasskeys } from '../../api/passkeys.ts';
import { EmptyRow } from './EmptyRow.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import type { Factors } from '../accounts/factors.queries.ts';
import classes from './Passkeys.module.css';
import { PasskeyRow } from './PasskeyRow.tsx';
import { OwnRows } from './OwnRow.tsx';
import { PasskeySetup } from './PasskeySetup.tsx';
import { usePasskeySetup } from './use-passkey-setup.ts';

/** Passkeys: what a person has, where they work, and one more. */
export function PasskeysSection({ factors }: { readonly factors: Factors }) {
  const { t } = useTranslation();
  const { passkeys, passkeyPlace } = factors;
  const [isOpen, setIsOpen] = useState(false);
  const setup = usePasskeySetup(() => setIsOpen(true));
  const reason = whyNot(factors);
  const here = passkeyPlace.isPossible ? passkeyPlace.relyingParty.id : null;
  return (
    <Section
      title={t('account.passkeys.title')}
      description={t('account.passkeys.text')}
      padding="flush"
      actions={
        <WhyNot reason={reason === null ? false : t(`account.passkeys.whyNot.${reason}`)}>
          <Button
            variant="default"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={reason !== null}
            loading={setup.isStarting}
            onClick={setup.start}
          >
            {t('account.passkeys.add')}
          </Button>
        </WhyNot>
      }
    >
      {reason !== null && reason !== 'full' && (
        <div className={classes.place}>
          <Notice tone="info" title={t(`account.passkeys.whyNot.${reason}`)}>
            {t(`account.passkeys.whatToDo.${reason}`)}
          </Notice>
        </div>
      )}
      {passkeys.length === 0 ? (
        reason === null && <EmptyRow>{t('account.passkeys.empty')}</EmptyRow>
      ) : (
        <OwnRows label={t('account.passkeys.title')}>
          {passkeys.map((passkey) => (
            <PasskeyRow key={passkey.id} passkey={passkey} here={here} />
          ))}
        </OwnRows>
      )}
      <PasskeySetup isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </Section>
  );
}

export type PasskeyObstacle = 'address' | 'insecure' | 'browser' | 'full';

/** Why no passkey can be added here and now; null when one can. */
export function whyNot({ passkeyPlace, passkeys }: Factors): PasskeyObstacle | null {
  if (!passkeyPlace.isPossible) return passkeyPlace.reason;
  if (!knowsPasskeys()) return 'browser';
  return passkeys.length >= maxPasskeys ? 'full' : null;
}
