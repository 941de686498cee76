/*
 * React makes errors for later while it loads. Their stacks, which nobody reads, cost a second reading of the whole file;
 * main.tsx turns stacks on again.
 */
Error.stackTraceLimit = 0;

/* Runs before the first paint: language, direction and colours as they were last shown, so that nothing flips. */
(function () {
  var root = document.documentElement;
  var look = {};
  try {
    look = JSON.parse(localStorage.getItem('aapanel.look') || '{}') || {};
  } catch {
    look = {};
  }
  var language = look.language;
  if (language !== 'ar' && language !== 'en') {
    var first = (navigator.languages || [navigator.language || '']).find(function (each) {
      return /^(ar|en)\b/i.test(each);
    });
    language = /^en/i.test(first || '') ? 'en' : 'ar';
  }
  var theme = look.theme;
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  root.lang = language;
  root.dir = language === 'ar' ? 'rtl' : 'ltr';
  root.setAttribute('data-mantine-color-scheme', theme);
})();
