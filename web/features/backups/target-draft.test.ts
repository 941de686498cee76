import { describe, expect, it } from 'vitest';
import { fieldOfError, hostKeyOf, missingFields, newTargetDraft, targetBody } from './target-draft.ts';

const draft = newTargetDraft();

describe('the form of a target', () => {
  it('takes the host key from whatever ssh-keyscan printed, the strongest first', () => {
    const scan = '# host:22 SSH-2.0\nhost ssh-rsa AAAAB3Nz\nhost ssh-ed25519 AAAAC3Nz root@host\n';
    expect(hostKeyOf(scan)).toBe('ssh-ed25519 AAAAC3Nz');
    expect(hostKeyOf('  ssh-rsa AAAAB3Nz  ')).toBe('ssh-rsa AAAAB3Nz');
    expect(hostKeyOf('nonsense')).toBe('nonsense');
  });

  it('sends a secret only when one was typed, so that what is kept stays', () => {
    const s3 = { ...draft, kind: 's3', name: 'x', endpoint: 'https://s3.example/', bucket: 'b-1' } as const;
    expect(targetBody(s3, false)).toMatchObject({ secret: null, place: { endpoint: 'https://s3.example' } });
    expect(targetBody({ ...s3, accessName: 'a', accessSecret: 'b' }, false).secret).toEqual({
      kind: 'access',
      name: 'a',
      secret: 'b',
    });
    expect(targetBody({ ...draft, kind: 'local', path: '/b' }, true).secret).toEqual({ kind: 'none' });
  });

  it('knows what is missing, and that a kept secret is not', () => {
    expect(missingFields({ ...draft, kind: 'local', name: 'x', path: 'b' }, false)).toEqual(['path']);
    const sftp = { ...draft, name: 'x', host: 'h', user: 'u', hostKey: 'k' };
    expect(missingFields(sftp, false)).toEqual(['privateKey']);
    expect(missingFields(sftp, true)).toEqual([]);
  });

  it('counts limits in the units of the form', () => {
    const { limits } = targetBody({ ...draft, kind: 'local', maxGib: 2, upload: 500 }, true);
    expect(limits).toEqual({
      uploadKibPerSecond: 500,
      downloadKibPerSecond: null,
      minFreeBytes: null,
      maxBytes: 2 ** 31,
    });
  });

  it('puts what the panel refuses under its field', () => {
    expect(fieldOfError('sftp', 'place.path')).toBe('remotePath');
    expect(fieldOfError('local', 'place.path')).toBe('path');
    expect(fieldOfError('s3', 'secret.secret')).toBe('accessSecret');
    expect(fieldOfError('s3', 'limits.maxBytes')).toBe('maxGib');
    expect(fieldOfError('s3', 'place')).toBeNull();
  });
});
