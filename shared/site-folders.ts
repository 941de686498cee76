/** Where sites live: habits of aaPanel users that we keep. The agent resolves them; `AAPANEL_WWW` moves them in tests. */
export const wwwroot = '/www/wwwroot';
export const wwwlogs = '/www/wwwlogs';
/** Uploads on their way, as the web process reaches them: beside the sites, so that it is on their disk, and no site's. */
export const uploadsFolder = `${wwwroot}/.uploads`;
