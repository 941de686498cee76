/** RFC 6266: a plain name for old clients, the real one percent-encoded. Nothing in a name can end the header. */
export function contentDisposition(fileName: string): string {
  const name = fileName.toWellFormed();
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_').slice(0, 150);
  const encoded = encodeURIComponent(name).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain === '' ? 'file' : plain}"; filename*=UTF-8''${encoded === '' ? 'file' : encoded}`;
}
