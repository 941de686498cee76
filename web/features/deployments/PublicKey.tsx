import { CopyButton, Token } from '../../ui/Token.tsx';
import { useTranslation } from 'react-i18next';
import classes from './Deploy.module.css';
import type { DeployKey } from './deployments.queries.ts';

/** The public part of a deploy key, to be copied into the settings of the repository. */
export function PublicKey({ of }: { readonly of: DeployKey }) {
  const { t } = useTranslation();
  return (
    <div className={classes.secret} dir="ltr">
      <Token mono>{of.publicKey}</Token>
      <CopyButton value={of.publicKey} label={t('deployments.key.copy')} />
    </div>
  );
}
