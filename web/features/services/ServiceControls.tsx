import { Button, Group } from '@mantine/core';
import { IconPlayerPlay, IconPlayerStop, IconPower, IconRefresh, IconReload, type Icon } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Service, ServiceVerb } from '#shared/services.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useControlService } from './services.queries.ts';
import classes from './Services.module.css';

const icons: Readonly<Record<ServiceVerb, Icon>> = {
  start: IconPlayerPlay,
  stop: IconPlayerStop,
  restart: IconRefresh,
  reload: IconReload,
  enable: IconPower,
  disable: IconPower,
};
type Asked = 'stop' | 'restart' | 'disable';
const isAsked = (verb: ServiceVerb): verb is Asked => verb === 'stop' || verb === 'restart' || verb === 'disable';
const going: readonly Service['state'][] = ['activating', 'deactivating', 'reloading'];

/** What can be done with the service as it is now. */
function verbsOf({ state, boot, guard, canReload }: Service): ServiceVerb[] {
  if (guard === 'site' || boot === 'masked') return [];
  if (guard === 'panel') return [];
  const isUp = state === 'active' || state === 'reloading' || state === 'activating';
  return [
    ...(isUp ? (['restart', ...(canReload ? (['reload'] as const) : []), 'stop'] as const) : (['start'] as const)),
    ...(boot === 'enabled' ? (['disable'] as const) : boot === 'disabled' ? (['enable'] as const) : []),
  ];
}

type ControlsProps = { readonly service: Service; readonly onAsking: (isAsking: boolean) => void };

/** Switches of one service; what stops something asks first. */
export function ServiceControls({ service, onAsking }: ControlsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('services.write');
  const [asked, setAsked] = useState<Asked | null>(null);
  const [complaint, setComplaint] = useState<{ verb: ServiceVerb; text: string } | null>(null);
  const control = useControlService(service.unit);
  const name = service.unit.slice(0, -'.service'.length);
  const verbs = service.unit === 'aapanel.service' ? (['restart'] as const) : verbsOf(service);

  const ask = (verb: Asked | null): void => {
    setAsked(verb);
    onAsking(verb !== null);
  };
  const tell = (verb: ServiceVerb): void => {
    setComplaint(null);
    finish(control, verb, {
      onSuccess: (outcome) => {
        if (outcome.complaint !== null)
          setComplaint({ verb, text: t('services.said', { message: outcome.complaint }) });
        else if (going.includes(outcome.service.state)) sayDone(t('services.stillGoing'));
        else sayDone(t(`services.done.${verb}`, { name }));
      },
      onError: (error) => setComplaint({ verb, text: errorText(error) }),
    });
  };

  if (verbs.length === 0) return null;
  return (
    <>
      <Group gap="xs">
        {verbs.map((verb) => {
          const VerbIcon = icons[verb];
          const isThis = control.isPending && control.variables === verb;
          return (
            <WhyNot key={verb} reason={!mayWrite}>
              <Button
                size="xs"
                variant={verb === 'start' ? 'filled' : 'default'}
                leftSection={<VerbIcon size={15} aria-hidden />}
                disabled={!mayWrite || (control.isPending && !isThis)}
                loading={isThis}
                onClick={() => (isAsked(verb) ? ask(verb) : tell(verb))}
              >
                {t(`services.verbs.${verb}`)}
              </Button>
            </WhyNot>
          );
        })}
      </Group>
      {complaint !== null && complaint.text !== '' && (
        <Notice tone="bad" role="alert" title={t(`services.notDone.${complaint.verb}`)}>
          <span className={classes.said}>{complaint.text}</span>
        </Notice>
      )}
      {asked !== null && (
        <ConfirmDialog
          isOpen
          title={t(`services.ask.${asked}Title`, { name })}
          confirmLabel={t(`services.verbs.${asked}`)}
          isDangerous={asked !== 'restart'}
          onClose={() => ask(null)}
          onConfirm={() => {
            ask(null);
            tell(asked);
          }}
        >
          {t(`services.ask.${asked}Text`)}
          {service.guard === 'essential' && (
            <>
              <br />
              <br />
              <strong>{t('services.ask.essential')}</strong>
            </>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}
