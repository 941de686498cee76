import { gzipSync } from 'node:zlib';
import { tar, type TarPart } from '../archives/testing/make-tar.ts';

/*
 * For tests: an application with the outer shape of WordPress. It reads its configuration, writes and reads a table, and
 * keeps an upload in its own folder.
 */

const settings = `<?php
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
[$host, $socket] = array_pad(explode(':', DB_HOST, 2), 2, null);
$db = new mysqli($host, DB_USER, DB_PASSWORD, DB_NAME, 0, $socket);
$db->set_charset(DB_CHARSET);
$db->query("create table if not exists {$table_prefix}visits (word varchar(40))");
$db->query("insert into {$table_prefix}visits values ('مرحبا')");
$row = $db->query("select count(*) as n, max(word) as word from {$table_prefix}visits")->fetch_assoc();
file_put_contents(ABSPATH . 'wp-content/uploads/last.txt', $row['n']);
echo "visits {$row['n']} {$row['word']} ", strlen(AUTH_KEY) > 40 && AUTH_KEY !== NONCE_SALT ? 'keyed' : 'open';
`;

const files: Readonly<Record<string, string>> = {
  'index.php': "<?php require __DIR__ . '/wp-config.php';",
  'wp-settings.php': settings,
  'wp-config-sample.php': "<?php define( 'DB_NAME', 'database_name_here' );",
  'wp-includes/version.php': "<?php\n$wp_version = '6.8.1';\n",
  'wp-content/uploads/shell.php': '<?php echo "run";',
};

/** Below one top folder, as its makers pack it; with other files besides. */
export function wordpressLike(more: Readonly<Record<string, string>> = {}): Buffer {
  const parts: TarPart[] = Object.entries({ ...files, ...more }).map(([name, content]) => ({
    name: `wordpress/${name}`,
    content,
  }));
  return gzipSync(tar([{ name: 'wordpress/', type: '5' }, ...parts]));
}
