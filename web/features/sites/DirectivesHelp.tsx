import { Collapse, UnstyledButton } from '@mantine/core';
import { IconChevronDown } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Token } from '../../ui/Token.tsx';
import classes from './DirectivesHelp.module.css';

/** The most used of those that the agent accepts (agent/nginx/nginx.directives.ts). */
const groups = [
  { key: 'redirect', names: ['return', 'rewrite', 'try_files', 'error_page', 'index'] },
  { key: 'headers', names: ['add_header', 'add_trailer', 'default_type', 'charset', 'etag'] },
  { key: 'places', names: ['location', 'if', 'limit_except', 'root', 'alias', 'internal'] },
  { key: 'access', names: ['allow', 'deny', 'satisfy', 'auth_basic', 'valid_referers'] },
  { key: 'limits', names: ['client_max_body_size', 'limit_rate', 'limit_req', 'limit_conn', 'keepalive_timeout'] },
  { key: 'caching', names: ['expires', 'gzip', 'gzip_types', 'gzip_min_length', 'if_modified_since'] },
  {
    key: 'proxy',
    names: ['proxy_pass', 'proxy_set_header', 'proxy_read_timeout', 'proxy_buffering', 'proxy_redirect'],
  },
] as const;

export function DirectivesHelp() {
  const { t } = useTranslation();
  const id = useId();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <UnstyledButton
        className={classes.toggle}
        aria-expanded={isOpen}
        aria-controls={id}
        onClick={() => setIsOpen((before) => !before)}
      >
        <IconChevronDown size={16} aria-hidden />
        {t('sites.directives.help')}
      </UnstyledButton>
      <Collapse expanded={isOpen} id={id}>
        <dl className={classes.groups}>
          {groups.map(({ key, names }) => (
            <div key={key}>
              <dt>{t(`sites.directives.groups.${key}`)}</dt>
              <dd>
                {names.map((name) => (
                  <span key={name} className={classes.name}>
                    <Token mono>{name}</Token>
                  </span>
                ))}
              </dd>
            </div>
          ))}
        </dl>
        <p className={classes.refused}>{t('sites.directives.refused')}</p>
      </Collapse>
    </div>
  );
}
