import { rules } from './rules.ts';
import type { Report } from './validate.ts';

/** The report in SARIF 2.1.0, as code scanning services take it. */
export function sarifOf({ files }: Report): object {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'aapanel migrate validate',
            rules: rules.map(({ id, severity, explanation, recipe }) => ({
              id,
              shortDescription: { text: explanation.en },
              help: { text: recipe.en },
              defaultConfiguration: { level: severity },
            })),
          },
        },
        results: files.flatMap(({ path, findings }) =>
          findings.map(({ rule, severity, line, detail, allowed }) => ({
            ruleId: rule,
            level: severity,
            message: { text: detail },
            locations: [{ physicalLocation: { artifactLocation: { uri: path }, region: { startLine: line } } }],
            ...(allowed === null ? {} : { suppressions: [{ kind: 'inSource', justification: allowed }] }),
          })),
        ),
      },
    ],
  };
}
