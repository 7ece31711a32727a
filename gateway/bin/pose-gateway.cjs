#!/usr/bin/env node
// Plain old syntax up to the check, so that an outdated Node can say what is wrong instead of failing to parse.
'use strict';
var found = process.versions.node.split('.');
if (found[0] < 22 || (+found[0] === 22 && found[1] < 13)) {
  console.error(
    `pose-gateway needs Node 22.13 or newer, this is ${process.versions.node}: install a current Node.`,
  );
  process.exit(1);
}
void import('../dist/cli/main.js')
  .then((cli) => cli.main(process.argv.slice(2)))
  .then((exitCode) => {
    process.exitCode = exitCode;
  });
