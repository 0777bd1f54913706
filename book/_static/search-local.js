/* Opened from a disk, a page may not read other pages: results of the search are then titles without a summary. */
if (location.protocol === "file:") DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
