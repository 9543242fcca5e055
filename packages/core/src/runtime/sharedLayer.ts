import * as Layer from "effect/Layer"

/** Where each adapter's layer is built. The keys are weak: a client that is dropped without dispose leaves nothing behind. */
const memoMaps = new WeakMap<object, Layer.MemoMap>()

/** The layer of an adapter as the promise API builds it: clients with the same layer object share what it builds (TOK-2). */
export const sharedLayer = <A, E>(layer: Layer.Layer<A, E>): Layer.Layer<A, E> => {
  const memoMap = memoMaps.get(layer) ?? Layer.makeMemoMapUnsafe()
  memoMaps.set(layer, memoMap)
  return Layer.fromBuild((_, scope) => Layer.buildWithMemoMap(layer, memoMap, scope))
}
