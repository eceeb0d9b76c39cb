// Cannot be loaded.
throw new RangeError('no such planet')
