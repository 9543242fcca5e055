import {
  DeclarationReflection,
  type ProjectReflection,
  ReferenceType,
  ReflectionKind,
  ReflectionType,
  type SomeType
} from "typedoc"

// A service or an error is a class that effect's factories made. What they add is effect's, and readers of this
// reference look for what we add: the operations of a service, the fields of an error.

const isOurs = (type: SomeType): boolean => type instanceof ReferenceType && type.reflection !== undefined

/** The operations of a service: the second argument of the base that `Context.Service` made. */
const operationsOf = ({ extendedTypes }: DeclarationReflection): ReadonlyArray<DeclarationReflection> => {
  const [base] = extendedTypes ?? []
  const shape = base instanceof ReferenceType && base.name === "Shape" ? base.typeArguments?.[1] : undefined
  return shape instanceof ReflectionType ? (shape.declaration.children ?? []) : []
}

const isTheirs = (member: DeclarationReflection): boolean =>
  member.kind === ReflectionKind.Constructor && member.inheritedFrom !== undefined

const classesOf = (project: ProjectReflection): ReadonlyArray<DeclarationReflection> =>
  [ReflectionKind.Class, ReflectionKind.Interface]
    .flatMap((kind) => project.getReflectionsByKind(kind))
    .filter((reflection) => reflection instanceof DeclarationReflection)

/** Shows the operations of a service as its own, no constructor that nobody calls, and no base that is not ours. */
export const showOperations = (project: ProjectReflection): void => {
  for (const reflection of classesOf(project)) {
    for (const member of reflection.children?.filter(isTheirs) ?? []) project.removeReflection(member)
    for (const operation of operationsOf(reflection)) {
      operation.parent = reflection
      operation.kind = ReflectionKind.Property
      reflection.addChild(operation)
    }
    const bases = reflection.extendedTypes?.filter(isOurs) ?? []
    if (bases.length > 0) reflection.extendedTypes = bases
    else delete reflection.extendedTypes
  }
}

/** Says once what a class extends, and not again with each member. */
export const hideHeritage = (project: ProjectReflection): void => {
  for (const member of classesOf(project).flatMap(({ children = [] }) => children)) {
    delete member.inheritedFrom
    delete member.overwrites
  }
}
