import { useTranslation } from 'react-i18next';
import type { NameCheck } from '#shared/domain-check.ts';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { useSite } from './site-context.ts';
import classes from './SiteDomains.module.css';

const tones: Readonly<Record<NameCheck['state'], Tone>> = {
  here: 'good',
  partly: 'warn',
  elsewhere: 'bad',
  none: 'bad',
  no_answer: 'idle',
  unasked: 'idle',
};

/** What the DNS says of a name: whether it leads here, and its addresses where they are not this server's. */
export function DomainCheckLine({ check }: { readonly check: NameCheck }) {
  const { t } = useTranslation();
  const { reach } = useSite();
  const { state, addresses } = check;
  const strangers = addresses.filter((each) => each.state !== 'own');
  const isServed = addresses.some((each) => each.state === 'served');
  const isCloudflare = strangers.some((each) => each.isCloudflare);
  const said = state === 'here' && isServed ? (isCloudflare ? 'throughCloudflare' : 'through') : state;
  const hint =
    state === 'elsewhere' && isCloudflare
      ? 'cloudflareElsewhere'
      : isServed && isCloudflare && reach.front === null
        ? 'sayFront'
        : null;
  return (
    <div className={classes.check}>
      <Status tone={tones[state]}>{t(`domainCheck.${said}`)}</Status>
      {strangers.length > 0 && (
        <ul className={classes.addresses}>
          {addresses.map(({ address, state: one }) => (
            <li key={address}>
              <Token mono>{address}</Token> <span>{t(`domainCheck.addresses.${one}`)}</span>
            </li>
          ))}
        </ul>
      )}
      {hint !== null && <p className={classes.hint}>{t(`domainCheck.${hint}`)}</p>}
    </div>
  );
}
