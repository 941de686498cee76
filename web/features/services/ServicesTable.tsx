import { Badge } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { Service } from '#shared/services.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './Services.module.css';
import { ServiceState } from './ServiceState.tsx';

const columns = ['service', 'state', 'boot', 'memory', 'since'] as const;

/** One line for each service; a line opens it beside the list. */
export function ServicesTable({ services }: { readonly services: readonly Service[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.table}>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" data-column={column}>
              {t(`services.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
          <ServiceLine key={service.unit} service={service} />
        ))}
      </tbody>
    </table>
  );
}

function ServiceLine({ service }: { readonly service: Service }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { unit, description, guard, boot, memoryBytes, since } = service;
  const name = unit.slice(0, -'.service'.length);
  return (
    <tr className={classes.row}>
      <td className={classes.main} data-column="service">
        <Link
          from="/services"
          to="/services"
          search={(before) => ({ ...before, unit })}
          className={classes.name}
          aria-label={t('services.open', { name })}
          resetScroll={false}
        >
          <Token>{name}</Token>
        </Link>
        {guard !== 'none' && (
          <Badge variant="light" color="gray" size="xs" className={classes.badge ?? ''}>
            {t(`services.guards.${guard}`)}
          </Badge>
        )}
        <span className={classes.sub}>
          <ForeignText max={120}>{description}</ForeignText>
        </span>
      </td>
      <td data-column="state">
        <ServiceState service={service} />
      </td>
      <td data-column="boot">{t(`services.boot.${boot}`)}</td>
      <td data-column="memory" className="numbers">
        {memoryBytes === null ? '—' : format.bytes(memoryBytes)}
      </td>
      <td data-column="since">
        {since === null ? (
          '—'
        ) : (
          <time dateTime={since} title={format.dateTime(since)}>
            {format.ago(since)}
          </time>
        )}
      </td>
    </tr>
  );
}
