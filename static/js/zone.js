// The server reads and shows times in the zone of this browser, unless its reader has set another.
(() => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!/^[\w+/-]+$/.test(zone ?? "") || document.cookie.split("; ").includes(`time_zone=${zone}`)) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `time_zone=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
})();
