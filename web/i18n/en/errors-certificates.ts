/** Why an authority issued no certificate, and what an account of DNS refused. */
export const acmeReasons = {
  acme_busy: 'Another certificate is being issued right now; yours was not ordered. Try again in a minute.',
  acme_by_hand:
    'The names of this certificate are proven by hand, so it does not renew itself. Choose “Renew now” and put the new records into the DNS.',
  acme_ca_unreachable:
    'The authority could not be reached or failed, so nothing was issued; the present certificate goes on. The panel tries again by itself, or try once more later.',
  acme_caa:
    'A CAA record of \u2068{{host}}\u2069 does not allow this authority, this way of proving or the account of this server, so nothing was issued. Correct it in the DNS, then try again.',
  acme_cancelled: 'The order was given up before the records stood in the DNS; the present certificate goes on.',
  acme_clock:
    'By the clock of this server the authority’s own certificate is not valid, so it was not asked; the present certificate goes on. Set the clock right, then try again.',
  acme_connection:
    'The authority could not reach \u2068{{host}}\u2069 over port 80, so nothing was issued. Open port 80 in the firewall and check the A and AAAA records.',
  acme_dns:
    'The authority found no usable DNS record for \u2068{{host}}\u2069, so nothing was issued. Check its A and AAAA records.',
  acme_failed:
    'The order failed and nothing was issued; the present certificate goes on. The log of the job says more: \u2068{{message}}\u2069',
  acme_host:
    '\u2068{{host}}\u2069 cannot be proven by way of this site; nothing was ordered. Only its own names on port 80, no wildcards.',
  acme_interrupted:
    'The order was interrupted, for example by a restart of the server; nothing was changed. Start it again.',
  acme_no_address:
    '\u2068{{host}}\u2069 has no address in the DNS, so the authority was not asked. Add an A or AAAA record that leads to this server.',
  acme_other_server:
    'Under \u2068{{host}}\u2069 another server answers at \u2068{{address}}\u2069, so the authority was not asked. Lead the A and AAAA records to this server, or switch the proxy in front off.',
  acme_rate_limited:
    'The authority has a limit for how often it issues, and it is reached; the present certificate goes on. The panel tries again by itself later.',
  acme_records_missing:
    'The DNS did not show \u2068{{record}}\u2069 within two days, so the authority was not asked; the present certificate goes on. Start again when you can put the record there.',
  acme_refused:
    'The authority did not find the expected answer under \u2068{{host}}\u2069, so nothing was issued. Check that its A and AAAA records lead to this server and to no other.',
  acme_no_nginx:
    'nginx does not run on this server, so nobody would answer the authority. Install or start it on the page Software, then order again.',
  acme_site_off:
    'nginx does not answer for this site now, so nobody could check its names. Switch the site on and see that nginx runs.',
  acme_too_often:
    '\u2068{{host}}\u2069 failed four times within an hour, and the authority would lock it. Wait an hour and repair the cause first.',
  acme_weekly_limit:
    'These names got five certificates within a week, which is all that the authority gives. Use the present one.',
  certificate_files_refused:
    'Another tool has changed the files of this certificate, and they cannot be used; the one before goes on. The list of certificates says why.',
  certificate_of_files:
    'Another tool keeps the files of this certificate. Replace them there: the panel takes the new ones up by itself.',
  certificate_of_panel:
    'The panel itself shows this certificate, so it stays. Give the panel another one on the page Doors first.',
  certificate_revoked:
    'This certificate was revoked before; nothing was done. A renewal puts another one in its place.',
  certificate_proof_unknown: 'This order does not wait for records any more. Refresh the page.',
  panel_certificate_none:
    'There is no other certificate to go back to: the settings name none, or theirs is served already. Nothing was changed.',
  dns_account_in_use:
    'Certificates are renewed by this account: \u2068{{certificates}}\u2069. Remove them or order them in another way first.',
  dns_account_unknown: 'This DNS account is not there any more. Choose another one, or add it again.',
  dns_accounts_full: 'There are \u2068{{max}}\u2069 DNS accounts, and no more fit. Remove one that is not used.',
  dns_credentials:
    'The DNS account does not accept its secret, so the authority was not asked. Enter the token or key again; a token needs the right to read the zone and to edit its DNS.',
  dns_failed: 'The DNS account did not write the record, so the authority was not asked: \u2068{{message}}\u2069',
  dns_tool_missing:
    'The program \u2068nsupdate\u2069 is missing and could not be installed. Install the package \u2068bind9-dnsutils\u2069, then try again.',
  dns_unreachable:
    'The DNS account could not be reached, so the authority was not asked; the present certificate goes on. Check its address and the network, then try again.',
  dns_zone_unknown:
    'The DNS account has no zone in which it may write for \u2068{{host}}\u2069, so the authority was not asked. Choose the account that the name belongs to, or give it the right.',
  file_missing:
    'There is no file \u2068{{path}}\u2069, so nothing was kept. Check the path; the agent does not see /root and /home.',
  file_not_roots:
    'Others than root may change \u2068{{path}}\u2069 or a folder above it, so it was not read. Give both to root, without write access for others.',
} as const;

/** Why a certificate was not accepted, inside its sentence. */
export const certificateFaults = {
  chain_not_an_authority: 'a certificate of the chain is no authority',
  chain_order: 'the chain is out of order: the panel’s own first, then the issuer of each',
  chain_too_long: 'the chain has too many certificates',
  certificate_loses_names: 'it is not good for names that sites use',
  expired: 'a certificate has expired',
  file_missing: 'a file is not there any more',
  file_not_roots: 'others than root may change a file or a folder above it',
  key_kind: 'browsers do not accept keys of this kind; use ECDSA P-256 or RSA',
  key_not_readable: 'the private key cannot be read, or a passphrase protects it',
  key_of_another_certificate: 'the private key belongs to another certificate',
  key_too_weak: 'the key is too weak: RSA needs 2048 bits at least',
  must_staple:
    'it demands a stapled OCSP answer (must-staple), which nginx cannot promise with every connection, so browsers would refuse the site; have it issued without',
  no_certificate: 'the text holds no certificate',
  no_names: 'the certificate names no host',
  not_for_this_name: 'the certificate is not for the name or address of this panel',
  not_only_certificates: 'something else stands with the certificates; the key has its own field',
  not_readable: 'a certificate cannot be read',
  not_served: 'nginx did not serve it, so the change was taken back',
  not_usable: 'certificate and key cannot be used together',
  not_valid_yet: 'a certificate is not valid yet',
  revoked: 'its authority has revoked it; have a new one issued, with a new key',
  shelf_gone: 'the certificate that was chosen is not on the shelf any more; choose another one',
  root_unknown:
    'its chain does not lead to an authority that browsers know, and that of the present certificate does; give the whole chain, or import it as a certificate of its own',
} as const;
