import {
  DeclarationReflection,
  type ProjectReflection,
  ReferenceType,
  ReflectionKind,
  ReflectionType,
  type SomeType
} from "typedoc"

// Services and errors are classes that effect's factories made. The reference shows our part of them: the operations of a
// service, the fields of an error.

const isOurs = (type: SomeType): boolean => type instanceof ReferenceType && type.reflection !== undefined

/** The operations of a service: the second type argument of the base class that `Context.Service` made. */
const operationsOf = ({ extendedTypes }: DeclarationReflection): ReadonlyArray<DeclarationReflection> => {
  const [base] = extendedTypes ?? []
  const shape = base instanceof ReferenceType && base.name === "Shape" ? base.typeArguments?.[1] : undefined
  return shape instanceof ReflectionType ? (shape.declaration.children ?? []) : []
}

const isInheritedConstructor = (member: DeclarationReflection): boolean =>
  member.kind === ReflectionKind.Constructor && member.inheritedFrom !== undefined

const classesOf = (project: ProjectReflection): ReadonlyArray<DeclarationReflection> =>
  [ReflectionKind.Class, ReflectionKind.Interface]
    .flatMap((kind) => project.getReflectionsByKind(kind))
    .filter((reflection) => reflection instanceof DeclarationReflection)

/** Shows the operations of a service as members, and hides inherited constructors and the base classes of other packages. */
export const showOperations = (project: ProjectReflection): void => {
  for (const reflection of classesOf(project)) {
    for (const member of reflection.children?.filter(isInheritedConstructor) ?? []) project.removeReflection(member)
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

/** Hides on each member which class it comes from: the class says once what it extends. */
export const hideInheritance = (project: ProjectReflection): void => {
  for (const member of classesOf(project).flatMap(({ children = [] }) => children)) {
    delete member.inheritedFrom
    delete member.overwrites
  }
}
