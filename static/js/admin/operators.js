// Names that unfold's templates use as globals. Alpine's CSP build, which needs no eval, knows registered ones alone.
document.addEventListener("alpine:init", () => {
  for (const part of [theme, searchForm, searchDropdown, searchCommand]) window.Alpine.data(part.name, part);
  window.Alpine.data("adminPage", (tab) => ({
    activeTab: tab,
    sidebarMobileOpen: false,
    sidebarDesktopOpen: localStorage.getItem("sidebarDesktopOpen") !== "0",
    // Templates write window.location and localStorage; the CSP build knows no globals.
    window: { get location() { return { pathname: location.pathname, search: location.search }; } },
    localStorage: { setItem(key, value) { localStorage.setItem(key, value); } },
    init() {
      this.activeTab = (tab && getCurrentTab()) || tab;
      this.$watch("sidebarDesktopOpen", (open) => localStorage.setItem("sidebarDesktopOpen", open ? "1" : "0"));
    },
  }));
});
