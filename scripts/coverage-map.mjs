/** Which files a test covers: the product alone, not the tests' own helpers, for every test. */
export default () => ['build/index.js', 'build/lib/**/*.js', 'build/stores/**/*.js']
