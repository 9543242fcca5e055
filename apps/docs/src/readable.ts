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
  project
    .getReflectionsByKind(ReflectionKind.ClassOrInterface)
    .filter((reflection) => reflection instanceof DeclarationReflection)

/** Shows the operations of a service as its own, and no constructor that nobody calls. */
export const showOperations = (project: ProjectReflection): void => {
  for (const reflection of classesOf(project)) {
    for (const member of reflection.children?.filter(isTheirs) ?? []) project.removeReflection(member)
    for (const operation of operationsOf(reflection)) {
      operation.parent = reflection
      operation.kind = ReflectionKind.Property
      reflection.addChild(operation)
    }
  }
}

/** Shows what a class extends only where that is ours, once, and not again with each member. */
export const hideHeritage = (project: ProjectReflection): void => {
  for (const reflection of classesOf(project)) {
    const bases = reflection.extendedTypes?.filter(isOurs) ?? []
    if (bases.length > 0) reflection.extendedTypes = bases
    else delete reflection.extendedTypes
    for (const member of reflection.children ?? []) {
      delete member.inheritedFrom
      delete member.overwrites
    }
  }
}
