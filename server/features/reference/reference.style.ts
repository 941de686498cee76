/** Style of the reference page: logical sides only, so that one sheet serves both directions. */
export const pageStyle = `
:root { --page: #fff; --text: #1b2430; --dim: #566275; --line: #dfe4ec; --soft: #f4f6fa; --link: #0b5cad; color-scheme: light dark }
@media (prefers-color-scheme: dark) {
  :root { --page: #12161d; --text: #e6eaf1; --dim: #a2aebf; --line: #2c3441; --soft: #1a202a; --link: #7cb8f7 }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 6rem; background: var(--page); color: var(--text);
  font: 1rem/1.75 "IBM Plex Sans Arabic", system-ui, "Segoe UI", Tahoma, sans-serif; overflow-wrap: anywhere }
a { color: var(--link) }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px }
.skip { position: absolute; inset-inline-start: 1rem; inset-block-start: -4rem; background: var(--page); padding: .5rem 1rem }
.skip:focus { inset-block-start: .5rem }
header p { color: var(--dim); max-width: 60rem }
h1 { margin: 0; font-size: 1.75rem }
h2 { margin-block: 2.5rem .75rem; font-size: 1.25rem }
h3 { margin-block: 1.25rem .25rem; font-size: .95rem }
nav { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem }
.features { position: sticky; inset-block-start: 0; padding-block: .75rem; background: var(--page); border-block-end: 1px solid var(--line); z-index: 1 }
section, details { scroll-margin-top: 5rem }
details { border: 1px solid var(--line); border-radius: 8px; margin-block: .5rem; padding-inline: 1rem }
details[open] { padding-block-end: 1rem }
summary { cursor: pointer; padding-block: .6rem; margin-inline: -1rem; padding-inline: 1rem }
summary > span:last-child { color: var(--dim) }
code { font: .875em/1.6 "JetBrains Mono", ui-monospace, Consolas, monospace; background: var(--soft); border-radius: 4px; padding: .1em .35em }
.method { display: inline-block; min-inline-size: 4.25rem; text-align: center; font-weight: 600; font-size: .8rem; border: 1px solid currentColor; border-radius: 6px; padding-inline: .4rem }
.get { color: light-dark(#0b5cad, #7cb8f7) } .post { color: light-dark(#1a6b34, #7fd49a) } .put, .patch { color: light-dark(#8a4b00, #f0b35e) } .delete { color: light-dark(#a3201d, #ff9b96) }
.scroll { overflow-x: auto }
table { border-collapse: collapse; inline-size: 100%; font-size: .92rem }
th, td { text-align: start; vertical-align: top; padding: .4rem .6rem; border-block-end: 1px solid var(--line) }
th { font-weight: 600 }
th code { white-space: nowrap }
td, th { overflow-wrap: break-word }
td > .scroll { border-inline-start: 2px solid var(--line); padding-inline-start: .5rem }
@media (max-width: 40rem) { table { min-inline-size: 30rem } .features { position: static } }
thead th { color: var(--dim) }
`;
