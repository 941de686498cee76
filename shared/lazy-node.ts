/*
 * Parts of Node that are loaded when they are first needed: each takes a megabyte of a process that may never use it.
 */

export const https = () => process.getBuiltinModule('node:https');
export const tls = () => process.getBuiltinModule('node:tls');
export const zlib = () => process.getBuiltinModule('node:zlib');
