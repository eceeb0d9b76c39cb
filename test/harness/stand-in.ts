/**
 * What stands in for a real object in a test: that object, but for the parts that are changed. Where it is asked for
 * a method of the real one, that runs on the real one.
 */
export function standIn<Real extends object>(real: Real, changed: Partial<Real>): Real {
  return new Proxy(real, {
    get(target, key) {
      if (Object.hasOwn(changed, key)) return Reflect.get(changed, key)
      const part: unknown = Reflect.get(target, key)
      return typeof part === 'function' ? part.bind(target) : part
    },
  })
}
