#!/usr/bin/env node
// A file of its own, since npm links a command when it installs, and `dist` is only there after the build.
import '#command'
