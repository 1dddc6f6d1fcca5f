// What modules export and import by name, read from their syntax alone.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

interface ModuleNames {
  file: string;
  exported: string[];
  /** `file#name`, or `file#*` where a module is imported as a whole. */
  imported: string[];
}

export function namesOf(file: string): ModuleNames {
  const text = readFileSync(file, 'utf8');
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: ModuleNames = { file, exported: [], imported: [] };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) found.imported.push(...fromImport(file, node));
    if (ts.isExportDeclaration(node)) found.imported.push(...fromExport(file, node));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      found.imported.push(...wholeModule(file, node.arguments[0]));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  for (const statement of source.statements) found.exported.push(...exportedBy(statement));
  return found;
}

function fromImport(file: string, { moduleSpecifier, importClause }: ts.ImportDeclaration): string[] {
  const target = targetOf(file, moduleSpecifier);
  if (target === null || importClause === undefined) return [];
  const { name, namedBindings } = importClause;
  const names = name === undefined ? [] : ['default'];
  if (namedBindings !== undefined) {
    names.push(...(ts.isNamedImports(namedBindings) ? namedBindings.elements.map(originalName) : ['*']));
  }
  return names.map((each) => `${target}#${each}`);
}

/** A re-export is a use of what it passes on. */
function fromExport(file: string, { moduleSpecifier, exportClause }: ts.ExportDeclaration): string[] {
  const target = targetOf(file, moduleSpecifier);
  if (target === null) return [];
  const isNamed = exportClause !== undefined && ts.isNamedExports(exportClause);
  return (isNamed ? exportClause.elements.map(originalName) : ['*']).map((each) => `${target}#${each}`);
}

function wholeModule(file: string, argument: ts.Node | undefined): string[] {
  const target = targetOf(file, argument);
  return target === null ? [] : [`${target}#*`];
}

function originalName({ name, propertyName }: ts.ImportSpecifier | ts.ExportSpecifier): string {
  return (propertyName ?? name).text;
}

/** AssemblyScript leaves the ending out. */
function targetOf(file: string, specifier: ts.Node | undefined): string | null {
  if (specifier === undefined || !ts.isStringLiteral(specifier) || !specifier.text.startsWith('.'))
    return null;
  const path = join(dirname(file), specifier.text);
  return existsSync(`${path}.ts`) ? `${path}.ts` : path;
}

function exportedBy(statement: ts.Statement): string[] {
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause !== undefined && ts.isNamedExports(exportClause)
      ? exportClause.elements.map(({ name }) => name.text)
      : [];
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (modifiers.some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)) return ['default'];
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => boundNames(name));
  }
  const isNamed =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isEnumDeclaration(statement);
  return isNamed && statement.name !== undefined ? [statement.name.text] : [];
}

function boundNames(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) =>
    ts.isOmittedExpression(element) ? [] : boundNames(element.name),
  );
}
