import { z } from 'zod';

/*
 * Names of files are bytes, and not all of them are text. Here a name is its UTF-8 text; a byte that is no text, a control
 * character and a line end are written `\xNN`, a backslash `\\`. So every name can be shown, sent and typed on one line.
 */

/** Longest name in bytes, as file systems have it. */
export const maxNameBytes = 255;

const namePart = '(?:[^\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\\\/]|\\\\\\\\|\\\\x[0-9a-f]{2})+';
const notUp = '(?!\\.{1,2}(?:/|$))';
/** One name; neither `.` nor `..`. */
export const fileNamePattern = new RegExp(`^${notUp}${namePart}$`, 'u');
/** Names with `/` between them, below the site's folder; empty: that folder itself. */
export const filePathPattern = new RegExp(`^(?:${notUp}${namePart}(?:/${notUp}${namePart})*)?$`, 'u');

export const fileName = z.string().max(1_020).regex(fileNamePattern, { error: 'file_name_invalid' });
export const filePath = z.string().max(4_096).regex(filePathPattern, { error: 'file_path_invalid' });
