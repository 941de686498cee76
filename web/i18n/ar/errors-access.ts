/** Why the access to a site's files by SFTP was not taken. */
export const accessReasons = {
  default_site_taken: 'الموقع \u2068{{slug}}\u2069 هو الذي يجيب عن الأسماء المجهولة. أوقف ذلك فيه أولًا؛ لم يتغيّر شيء.',
  sftp_overruled:
    'إعدادات وضعها أحدهم لخادم SSH تسبق إعدادات اللوحة (\u2068{{name}}\u2069)، فيكون للموقع وصول غير المطلوب، ولم يتغيّر شيء. راجع \u2068/etc/ssh/sshd_config\u2069 و\u2068sshd_config.d\u2069.',
  sftp_rejected: 'رفض خادم SSH الإعدادات الجديدة وبقيت القديمة سارية. قال: \u2068{{message}}\u2069',
  sftp_sshd_broken:
    'إعدادات خادم SSH الحالية معطوبة فلم يتغيّر شيء. أصلحها ثم أعد المحاولة. قال: \u2068{{message}}\u2069',
  sftp_sshd_missing: 'لا خادم SSH على هذا الجهاز. ثبّت \u2068openssh-server\u2069 ثم أعد المحاولة.',
} as const;

/** What is wrong with a public key. */
export const accessFields = {
  front_range_wide: 'هذا النطاق واسع، وكل من فيه يستطيع ادعاء أي عنوان. اكتب عناوين الخوادم نفسها.',
  ssh_key_invalid: 'ليس هذا مفتاحًا عامًا. الصق السطر الوحيد من ملف مثل \u2068id_ed25519.pub\u2069.',
  ssh_key_kind: 'هذا النوع من المفاتيح غير مقبول. استعمل Ed25519 أو ECDSA أو RSA.',
  ssh_key_private: 'هذا مفتاح خاص فلا تُطلع عليه أحدًا. الصق المفتاح العام من الملف المنتهي بـ\u2068.pub\u2069.',
  ssh_key_twice: 'هذا المفتاح موجود من قبل.',
  ssh_key_weak: 'مفتاح RSA هذا أقصر من 3072 بت. أنشئ مفتاحًا جديدًا: \u2068ssh-keygen -t ed25519\u2069',
} as const;
