/* libFuzzer brings its own main(). */
typedef int no_main;
