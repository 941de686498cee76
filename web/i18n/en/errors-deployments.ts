/** Why a deployment did not come to be. The release before it stays in every case. */
export const deployReasons = {
  deploy_access_denied:
    'The repository refused the deploy key; nothing was fetched. Add the site’s public key to the repository as a deploy key.',
  deploy_build_failed:
    'The step \u2068{{step}}\u2069 ended with \u2068{{code}}\u2069; the release before it stays. The log shows what it said.',
  deploy_build_timeout:
    'Fetching and building took longer than \u2068{{minutes}}\u2069 minutes and was ended; the release before it stays. Raise the limit, or build less.',
  deploy_empty: 'The commit has no files; the release before it stays.',
  deploy_failed: 'The deployment failed for a reason of this machine; the release before it stays. The log says more.',
  deploy_folder_missing:
    'The release has no folder \u2068{{folder}}\u2069, which should be served; the release before it stays. Correct the served folder or the build.',
  deploy_git_failed: 'git could not read the repository: \u2068{{message}}\u2069. Nothing was changed.',
  deploy_git_timeout: 'git took too long and was ended; nothing was changed. Try again.',
  deploy_has_releases:
    'The site is served from its releases, so its deployment cannot be taken away; nothing was changed. Disconnect it from the repository instead.',
  deploy_health_failed:
    'The new release answered \u2068{{path}}\u2069 with \u2068{{status}}\u2069; the one before it stays. Correct the release, or its health path.',
  deploy_host_key_changed:
    'The server of the repository shows another key than the confirmed one; nothing was fetched. If its provider announced a new one, connect again and compare it.',
  deploy_host_unknown:
    'Nobody has confirmed the key of \u2068{{host}}\u2069 yet; nothing was fetched. Connect again and compare it.',
  deploy_host_unreachable:
    'The server of the repository cannot be reached; nothing was changed. Check the address, or try again later.',
  deploy_interrupted:
    'The deployment was interrupted several times and given up; the release before it stays. Start it again.',
  deploy_key_missing: 'The site has no deploy key; nothing was fetched. Make one and add it to the repository.',
  deploy_link_outside:
    'The link \u2068{{path}}\u2069 of the release leads out of it, to \u2068{{target}}\u2069; the release before it stays. Take the link out of the repository.',
  deploy_no_answer:
    'The new release did not answer at \u2068{{path}}\u2069; the one before it stays. Correct the release, or its health path.',
  deploy_not_connected: 'The site is connected with no repository; nothing was started. Connect it first.',
  deploy_program_missing:
    'The program \u2068{{program}}\u2069 of the build is not on this machine; the release before it stays. Install it, or correct the build steps.',
  deploy_ref_missing: 'The repository has no such branch or tag; nothing was changed. Choose another one.',
  deploy_release_gone: 'This release is not on the machine any more; nothing was changed. Deploy its commit again.',
  deploy_release_live: 'This release is the live one; there is nothing to change.',
  deploy_repository_missing:
    'There is no such repository, or the deploy key may not see it; nothing was changed. Check the address and the key.',
  deploy_root_fixed: 'The releases of the site lie in its folder, so it cannot be another one; nothing was changed.',
  deploy_shared_kind:
    '\u2068{{path}}\u2069 in “shared” is no file where it should be one, or no folder; the release before it stays. Correct it by hand.',
  deploy_tool_missing:
    '\u2068{{tool}}\u2069 is not installed on this machine; nothing was changed. Install it from the Deploy tab.',
  deploy_too_large:
    'The release is larger than allowed; the one before it stays. Take large files out of the repository.',
  deploy_too_many_files: 'The release has more files than allowed; the one before it stays.',
  deploy_under_way: 'A deployment of this site is under way; nothing was started. Wait for its end, or cancel it.',
} as const;

/** What is wrong with a field of a deployment. */
export const deployFaults = {
  build_program_invalid:
    'A step begins with the name of a program, or a file of the release; a line is no shell command.',
  deploy_not_for_kind: 'Only sites with files of their own are deployed.',
  git_commit_invalid: 'Write the whole name of the commit: 40 digits and letters from a to f.',
  git_ref_invalid: 'This is no name of a branch or tag.',
  host_key_invalid: 'This is no public key of a server.',
  host_key_needed: 'Compare the server’s key and confirm it first.',
  release_path_invalid: 'A path inside the repository, such as public or storage/app; no “..”, and nothing of .git.',
  repository_credentials:
    'Take the name and password out of the address; private repositories are read with the deploy key.',
  repository_invalid: 'Write it as git@host:name/site.git, ssh://git@host/site.git or https://host/site.git.',
  repository_not_ssh: 'Only servers that are reached over SSH show a key.',
  repository_scheme: 'Only ssh and https lead to a repository here.',
  shared_path_nested: 'Shared paths must not lie in each other or stand twice.',
} as const;
