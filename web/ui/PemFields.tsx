import { Button, FileButton, Textarea } from '@mantine/core';
import { IconFile } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './PemFields.module.css';

export type PemPart = 'chain' | 'key';
export type PemTexts = Readonly<Record<PemPart, string>>;

type PemFieldsProps = {
  readonly texts: PemTexts;
  readonly onEdit: (part: PemPart, text: string) => void;
  readonly errorOf: (part: PemPart) => string | undefined;
  readonly chainHint: string;
};

/** Chain and key of a certificate: pasted or from files. The key is kept nowhere in the page. */
export function PemFields({ texts, onEdit, errorOf, chainHint }: PemFieldsProps) {
  const { t } = useTranslation();
  const take = (part: PemPart, file: File | null | undefined): void =>
    void file?.text().then((text) => onEdit(part, text));
  return (['chain', 'key'] as const).map((part) => (
    <div key={part}>
      <Textarea
        className={classes.pem ?? ''}
        label={t(`doors.certificate.${part}`)}
        description={part === 'chain' ? chainHint : t('doors.certificate.keyHint')}
        placeholder={part === 'chain' ? '-----BEGIN CERTIFICATE-----' : '-----BEGIN PRIVATE KEY-----'}
        value={texts[part]}
        onChange={(event) => onEdit(part, event.currentTarget.value)}
        error={errorOf(part)}
        dir="ltr"
        minRows={6}
        maxRows={10}
        spellCheck={false}
      />
      <FileButton accept=".pem,.crt,.cer,.key,text/plain" onChange={(file) => take(part, file)}>
        {(props) => (
          <Button {...props} mt={8} size="xs" variant="default" leftSection={<IconFile size={15} aria-hidden />}>
            {t('doors.certificate.file')}
          </Button>
        )}
      </FileButton>
    </div>
  ));
}
